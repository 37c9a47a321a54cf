/** An extension of pi for the bench: publishes 300 activities, one every 10 ms, once a run has ended. */
export default function eventsExtension(pi) {
  pi.on("agent_settled", () => {
    let count = 0;
    const timer = setInterval(() => {
      pi.events.emit("pisync:activity", { count, at: performance.timeOrigin + performance.now() });
      if (++count === 300) clearInterval(timer);
    }, 10);
  });
}
