// Asking Python for what must not wait until the cell that runs has ended.

const FIRST_WAIT = 500; // milliseconds until the first repetition; each next one waits twice as long

/** For a button of Python's AttentiveExplorer: `ask(what)` sends a request, and again until Python has heard it. Until JupyterLab
 *  has a subshell of the kernel for widgets, some milliseconds after the first of them is shown, what they send waits for the
 *  cell that runs; a repetition does not. A next request takes the place of the one before. `close()` ends asking.
 *  @param {{send(content: any): void, on: Function, off: Function}} model */
export function asking(model) {
  const page = `${Date.now()} ${Math.random()}`; // names this view: Python counts its requests
  let number = 0;
  let repeating = 0;
  const rest = () => clearTimeout(repeating);
  const onAnswer = ({ heard }) => { if (heard?.page === page && heard.number === number) rest(); };
  model.on("msg:custom", onAnswer);
  return {
    /** @param {string} what */
    ask(what) {
      rest();
      number += 1;
      const send = (wait) => {
        model.send({ ask: what, page, number });
        repeating = setTimeout(() => send(2 * wait), wait);
      };
      send(FIRST_WAIT);
    },
    close() {
      rest();
      model.off("msg:custom", onAnswer);
    },
  };
}
