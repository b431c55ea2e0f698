// The challenge of the shift test: to fool the CNN.
import { statusLine } from "../../widgets/instrument.js";
import { answersOf, fooled, isMoved } from "./scene.js";
import { challengeWords } from "./words.js";

/** Returns {root, show(scene, answers, networks, home)}: `home()` is the scene of the same digit in the middle. */
export function challengeLine() {
  const { root, say } = statusLine();
  root.classList.add("cc-st-challenge");
  return {
    root,
    show(scene, answers, networks, home) {
      const suspect = isMoved(scene) && answers[1].best !== scene.label; // only then it is worth to ask what it says in the middle
      const found = suspect ? fooled(scene, answers[1], answersOf(networks.slice(1), home())[0]) : null;
      say(challengeWords(scene, found), found ? "good" : "info");
    },
  };
}
