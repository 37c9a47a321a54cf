// An extension for pi that works with pisync, and without it: `/release VERSION` asks before it does anything, and tells
// what it does.
//
//   pisync pi -e release-extension.js
//
// The question is listed by `pisync questions` and answered by `pisync answer`, or in pi's own dialog: what comes first
// counts. The activity is seen by `pisync stream`, and never by the model.

const pisync = () => globalThis[Symbol.for("pisync")];

export default function release(pi) {
  pi.registerCommand("release", {
    description: "release a version, after a question",
    handler: async (version, { ui }) => {
      const tell = (text) => pi.events.emit("pisync:activity", { source: "release", text });
      tell(`asks about ${version}`);
      const where = await ask(ui, {
        kind: "select",
        title: `Release ${version} where?`,
        options: ["nowhere", "staging", "production"],
      });
      tell(`releases ${version} to ${where ?? "nowhere"}`);
      ui.notify(`Released ${version} to ${where ?? "nowhere"}.`);
    },
  });
}

/** Esc, and `pisync reject`, answer undefined. */
function ask(ui, question) {
  const show = (signal) => ui.select(question.title, question.options, { signal });
  return pisync()?.questions?.ask(question, show) ?? show();
}
