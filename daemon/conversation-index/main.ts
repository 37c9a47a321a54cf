import { piConversationReader } from "../../adapters/agents/pi/pi-conversation-reader.ts";
import { runIndexThread } from "./thread.ts";

/** The index thread's composition root: where it learns which agent's conversations it reads. */
runIndexThread(piConversationReader);
