/** A moment as its user's clock shows it, `10:03:12`; with the date, `2026-03-04 10:03`, when it is not of today. */
export function clockTime(at: number, now: number): string {
  const [day, time] = local(at);
  return day === local(now)[0] ? time : `${day} ${time.slice(0, 5)}`;
}

function local(at: number): [day: string, time: string] {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return [
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":"),
  ];
}
