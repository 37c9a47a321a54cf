/**
 * Call before the terminal is given back because of a signal: after SIGHUP nothing stops this process on its way out.
 *
 * A shell that ends passes SIGHUP on and takes the terminal to itself, and whoever sets the modes of a terminal that is
 * another's is stopped (SIGTTOU). The kernel continues those that a shell leaves behind stopped, but not one whose
 * threads have not all stopped yet: it stayed for ever, with its view attached (seen, under load). With a listener the
 * call is begun again until the shell is gone, a moment later.
 */
export function passHangup(signal: NodeJS.Signals): void {
  if (signal === "SIGHUP") process.on("SIGTTOU", () => undefined);
}
