// Python's side: what its traits hold, and how the page and Python keep the same state.

/** anywidget's model: the traits of a widget in Python.
 *  @typedef {{get(name: string): any, set(name: string, value: any): void, save_changes(): void,
 *    on(event: string, listener: Function): void, off(event: string, listener: Function): void}} Model */

/** A DataView or Uint8Array as sent by a Bytes trait, as a Uint8Array without copying. */
export function bytes(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** The numbers that a Bytes trait holds, as an array of `Type`, such as Float32Array. They are copied, because a view may begin
 *  at any byte, and such an array only at a multiple of its numbers' size.
 *  @template {Float32Array | Float64Array | Uint16Array} A
 *  @param {ArrayBufferView} view
 *  @param {new (buffer: ArrayBuffer) => A} Type
 *  @returns {A} */
export function numbersIn(view, Type) {
  return new Type(bytes(view).slice().buffer);
}

const SEND_AFTER = 250; // milliseconds after the learner's last change

/** Do `action` `wait` milliseconds after the last `soon()`. If it is still to be done when the page is left, or when the
 *  view ends by `close()`, it is done then.
 *  @returns {{soon(): void, cancel(): void, isWaiting(): boolean, close(): void}} */
export function later(action, wait = SEND_AFTER) {
  let timer = 0;
  const cancel = () => { clearTimeout(timer); timer = 0; };
  const now = () => {
    if (timer === 0) return;
    cancel();
    action();
  };
  addEventListener("pagehide", now);
  return {
    cancel,
    soon() { clearTimeout(timer); timer = setTimeout(now, wait); },
    isWaiting: () => timer !== 0,
    close() { removeEventListener("pagehide", now); now(); },
  };
}

/** The model's `traits` as `state`, kept in step with Python. `edit(changes)` is for what the learner changes: it is sent soon.
 *  `save()` sends all that changed here at once. `onReload(names)` is called after Python has changed these traits, with `state`
 *  up to date. `close()` sends what is not sent yet.
 *
 *  Who was last wins, for each trait by itself. So what Python sets is taken, except for a trait with a change of the
 *  learner's that is still to be sent: that one is in the learner's hands now, and Python gets it next.
 *
 *  `correct(state)` gives the traits that have to be other than they are, such as a row beyond the last one, with the value they get.
 *  It is asked whenever something has changed, and Python gets what it corrects.
 *  @template {string} K
 *  @param {Model} model
 *  @param {readonly K[]} traits
 *  @param {{onReload: (names: K[]) => void, correct?: (state: Record<K, any>) => Partial<Record<K, any>>}} options
 *  @returns {{state: Record<K, any>, edit(changes: Partial<Record<K, any>>): void, save(): void, close(): void}} */
export function sharedState(model, traits, { onReload, correct = () => ({}) }) {
  const state = /** @type {Record<K, any>} */ (Object.fromEntries(traits.map((name) => [name, model.get(name)])));
  const unsent = new Set();
  const sending = later(save);
  let saving = false;
  const reload = () => {
    if (saving) return;
    const news = traits.filter((name) => !unsent.has(name) && model.get(name) !== state[name]);
    if (news.length === 0) return;
    for (const name of news) state[name] = model.get(name);
    putRight();
    onReload(news);
  };
  /** What is corrected is sent, but Python may still set it meanwhile. */
  function putRight() {
    const corrected = correct(state);
    const wrong = traits.filter((name) => name in corrected && !same(corrected[name], state[name]));
    if (wrong.length === 0) return;
    for (const name of wrong) state[name] = /** @type {any} */ (corrected)[name];
    sending.soon();
  }
  function save() {
    sending.cancel();
    unsent.clear();
    saving = true; // each set calls reload at once, before the next is set
    for (const name of traits) if (model.get(name) !== state[name]) model.set(name, state[name]);
    saving = false;
    model.save_changes();
  }
  for (const name of traits) model.on(`change:${name}`, reload);
  putRight();
  return {
    state,
    save,
    edit(changes) {
      for (const name of traits) if (name in changes && changes[name] !== state[name]) unsent.add(name);
      Object.assign(state, changes);
      putRight();
      sending.soon();
    },
    close() {
      sending.close();
      for (const name of traits) model.off(`change:${name}`, reload);
    },
  };
}

/** Whether two values of a trait are equal: numbers, strings, lists of them. */
function same(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
