/** What `--help` adds to the list of options: data, so that it can be tested against docs/cli.md. */

import { EVENT_NAMES_TEXT } from "./event-names.ts";
import { MARKS, showsUnicode, signOf, type MarkName } from "../runtime/session-marks.ts";

export const TARGET_HELP = `
TARGET is a session id or the beginning of one, or a conversation id or the beginning of one.
Without it and without a filter: this pane's own session, else the only live one.`;

export const OVERVIEW_HELP = `
Examples:
  pisync                         open the workspace: the sidebar, and the session chosen in it
  pisync pi                      start pi in a session, and attach to it
  pisync pi -c                   continue pi's last conversation; attaches if it is live
  pisync pi -d "fix the tests"   start it without a view and print its id
  pisync npx pi                  any command that runs pi
  pisync attach                  show the only live session here too
  pisync list                    what is live, and what can be resumed
  pisync search login bug        find a conversation by what was said in it
  pisync resume k3x9abcd         bring a conversation back
  pisync demo                    see it work, with nothing of yours touched

Environment:
  PISYNC_STATE_DIR        where pisync keeps its state
                          (an absolute path; default: \${XDG_STATE_HOME:-~/.local/state}/pisync)
  PISYNC_ADAPTER          pi or command: what an unusual command is
  PISYNC_NO_EXTENSION=1   run pi without pisync's extension
  NO_COLOR                no colour in what pisync prints

Files:
  \${XDG_CONFIG_HOME:-~/.config}/pisync/config.json   every setting; docs/cli.md lists them
  sessions/ID/session.json, run/, logs/               in the state directory

Exit codes:
  0 done   1 failed   2 usage   3 no such target, or several   4 timed out
  5 the agent's run ended in error   6 it was interrupted   (send --wait, and wait)
  pisync pi and pisync run give the program's own, 128+n when signal n ended it.`;

export const SEND_HELP = `${TARGET_HELP}

What a person can type is a prompt: text, a template or skill, a command of pi or of an extension, and !command. What
its user has typed and not sent yet stays. It is printed what became of it: started, steered or queued, and its id.

Examples:
  pisync send "fix the tests"
  pisync send k3x9 "what is on it?" --image screen.png
  git diff | pisync send - --wait
  pisync send k3x9 7qd2 "commit what you have" --wait
  pisync follow-up "then write the change log"`;

export const ANSWER_HELP = `${TARGET_HELP}

An answer is an option's text or number, yes or no, or a text, as the question has it. With several questions in one,
it is JSON: an array of texts for each.

Examples:
  pisync questions
  pisync answer q812-1 yes
  pisync answer k3x9 que_1 '[["Stop here"]]'`;

export const HISTORY_HELP = `${TARGET_HELP}

The host keeps the newest 500 events, at most 4 MiB of them. In a compact event long texts are cut to 256
bytes; --raw has them whole, as far as they are among the newest 16 MiB.

Events:${EVENT_NAMES_TEXT}

Examples:
  pisync history -n 20
  pisync history --event tool_execution_end --raw
  pisync history --since 2h
  pisync history --since 2026-05-21 --json`;

export const STREAM_HELP = `${TARGET_HELP}

Ends with the session. What a daemon's restart interrupts is made good; what cannot be is said.

Examples:
  pisync stream
  pisync stream k3x 7qd
  pisync stream --all
  pisync stream --json --event run_end | jq -r .data.outcome`;

export const WAIT_HELP = `${TARGET_HELP}

Returns at once for what is so already. Of several sessions all are waited for. Idle is a session for which no prompt
waits, either.

Exit codes: 0 as wanted, 1 the session ended, 4 timed out, 5 the run ended in error, 6 it was interrupted.

Examples:
  pisync wait --timeout 600 && pisync tail --no-follow
  pisync wait k3x 7qd --for exit`;

export const EMIT_HELP = `${TARGET_HELP}

It reaches everyone who reads the log (pisync stream), and never the conversation.

Examples:
  pisync emit 'tests are green'
  pisync emit k3x --as tests --data '{"passed":12}'`;

export const PI_HELP = `
Everything from pi's first argument on belongs to pi. With -p, --mode, --help, --version, a subcommand of
pi, or without a terminal, the real pi runs as if pisync were not there, with its own exit code.

Opening a conversation that is live already attaches to it: there is one pi to a conversation.

Examples:
  pisync pi                      a new conversation
  pisync pi --session 0196       an old one
  pisync pi -d --name tests "fix the tests"
  pisync pi -p "say hello"       the real pi, unmanaged`;

export const RUN_HELP = `
A command that runs pi is a pi session; for one that pisync does not recognise, set PISYNC_ADAPTER=pi.

Examples:
  pisync run -- npm test
  pisync run -d --name server -- python3 -m http.server`;

export const ATTACH_HELP = `${TARGET_HELP}

The detach key (ctrl-\\ unless configured) leaves the session running; so does closing the terminal. Outside of
tmux the menu key (ctrl-^, or ctrl-6) leads to other sessions. Every interactive view can type, and the smallest
one sets the size. A read-only view (q and ctrl-c leave it too) changes nothing.

A pi that was started without pisync (external in the list) is shown where it runs: inside tmux this jumps to
its pane; elsewhere it says where that is.

Examples:
  pisync attach
  pisync attach k3x --read-only
  pisync attach --cwd .`;

const LEGEND_WIDTH = 28;

/** Every mark with its meaning, two on a line. */
function markLegend(): string {
  const terminal = { unicode: showsUnicode(process.env) };
  const entries = (Object.keys(MARKS) as MarkName[]).map((name) => `${signOf(name, terminal)} ${MARKS[name].meaning}`);
  return entries
    .map((entry, index) => (index % 2 === 0 ? `  ${entry.padEnd(LEGEND_WIDTH)}` : `${entry}\n`))
    .join("")
    .trimEnd();
}

export const LIST_HELP = `
Directories where something is live come first, then the one you are in, then those where something happened
last. Of what ended, the newest 20 conversations are shown, at most 5 of a directory, and the newest 5
commands that did not end well, and fewer where the screen is too small; --all shows everything, --cwd
everything of one directory.

Marks:
${markLegend()}
"external" is a pi that was started without pisync, with the tmux pane or terminal where it runs.

Examples:
  pisync list --cwd .
  pisync list --json | jq -r '.sessions[] | select(.kind == "live") | .id'`;

export const SEARCH_HELP = `
Looks in titles, and in everything that was said by you and by pi, in every conversation on this machine. Each
word is the beginning of one, in any case, and all of them have to be there. An argument with a blank in it
is a phrase: pisync search 'session check' and pisync search '"session check"' are the same.

The best hit comes first. What a hit shows is a conversation, with who said it, when, and the words around.
Exit code 1 when nothing is found.

Examples:
  pisync search login redirect
  pisync search -n 50 'rate limit'
  pisync resume "$(pisync search --json -n 1 flaky test | jq -r '.hits[0].session.id')"`;

export const EXPLAIN_HELP = `${TARGET_HELP}

Says for its status, title, conversation and place: what it is, who said so (the extension inside pi, the
process, the screen, or the conversation's file), from what that was concluded, and when.

Examples:
  pisync explain
  pisync explain k3x --json`;

export const KILL_HELP = `${TARGET_HELP}

Ends the program: SIGTERM first, SIGKILL three seconds later. A conversation stays and can be resumed.`;

export const RESUME_HELP = `
TARGET is a session id or the beginning of one, or a conversation id or the beginning of one: also of a
conversation that pisync did not start. Without it and without a filter: the only one that can be resumed.

A session keeps its id, and pi starts in the directory of the conversation. One that is live is attached to.
One that is open in a pi that was started without pisync is not opened twice: you choose to jump there, to
fork it, or to wait until that pi ends.`;

export const RENAME_HELP = `${TARGET_HELP}

Examples:
  pisync rename k3x Fix the login bug
  pisync rename "Fix the login bug"      the only live session`;

export const DISMISS_HELP = `${TARGET_HELP}

List and sidebar leave it out until something happens in it again. Nothing is deleted: pisync list --all shows
it, pisync search finds it, and pisync resume brings it back.`;

export const MUTE_HELP = `${TARGET_HELP}

pisync notifies of a run that ended, failed, or waits for an answer, unless that is in front of you: in tmux's
status line with a bell, in other terminals and on the desktop as a notification, and with the command of
your own that the configuration names.

Examples:
  pisync mute k3x
  pisync mute --all
  pisync mute --all --off`;

export const DAEMON_HELP = `
The daemon keeps the list of sessions. It starts by itself, and losing it loses nothing: sessions go on
without it, and the next one finds them.`;

export const INSTALL_HELP = `
tmux         keys behind tmux's prefix: v and V mirror the session of a pane to the right and below, b shows or hides
             the sidebar, a goes to the next session that needs you, g chooses one in a popup; and Alt-click in the
             sidebar shows a session here as well. A key that you have bound stays yours.
shim         pi on a terminal is pisync pi: a script called pi, first on your PATH. Everything else, and every other
             place, gets the real pi.
extension    for pi: every pi of yours tells pisync which conversation it has open and what it is doing, not only
             those that pisync started. It is one file in the extensions folder of pi's agent directory.
completions  for your shell (bash, zsh or fish): commands, options, and sessions with their titles.

What will be done is shown first, and asked for on a terminal. Installing again brings it up to date, and
uninstalling gives every file back as it was.

Examples:
  pisync install tmux --dry-run
  pisync install tmux
  pisync uninstall tmux`;

export const COMPLETIONS_HELP = `
pisync install completions puts it where your shell finds it. By hand, in what the shell reads at its start:
  bash   source <(pisync completions bash)
  zsh    source <(pisync completions zsh)
  fish   pisync completions fish | source`;

export const DEMO_HELP = `
Runs the real pi on a bundled scripted model, without network, in a throw-away directory. In a terminal you
get a live pi, with a second view beside it when tmux is there. Without one, a narrated run shows two views
in step, a kill and a resume, and exits 0 only if all of it was true.`;

export const MIRROR_HELP = `
Both panes are views of the same live session: what is typed in one shows in the other, and the smaller one sets
the size. Without TARGET it is the session that this pane shows.

  pisync mirror               beside this pane
  pisync mirror --below 3fk   session 3fk, below it

In tmux, prefix v and prefix V do the same once they are bound: pisync install tmux`;

export const SIDEBAR_HELP = `
Lists live, external and resumable sessions by directory. Enter attaches, resumes or jumps, runs a command
that ended again after asking, and the detach key comes back here. ? shows every key. With --over, a session that some
pane of tmux shows is gone to there; any other, and with o that one too, shows in PANE when that has a view, else in a
new window.`;
