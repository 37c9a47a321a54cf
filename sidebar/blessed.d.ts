/** blessed's own types lack what sidebar/terminal.ts touches, so it declares that itself. */
declare module "blessed" {
  const blessed: unknown;
  export default blessed;
}
