// What JupyterLab looks for in an extension: a container that hands out a module. The rest are the ordinary modules that
// lie in a folder beside this file, named by the same hash of their content (hatch_build.py), so that no build step stands
// between them and the browser.

{
  const page = /** @type {Window & {_JUPYTERLAB?: Record<string, object>}} */ (window);
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  const LIBRARIES = [
    "@lumino/widgets", "@jupyterlab/application", "@jupyterlab/apputils", "@jupyterlab/coreutils", "@jupyterlab/notebook",
    "@jupyterlab/ui-components",
  ];
  const folder = src.replace(/.*remoteEntry\.(\w+)\.js.*/, "$1");
  let shared; // JupyterLab's own libraries

  /** One of JupyterLab's libraries, in the newest version that is there. */
  const library = async (name) => {
    const offers = Object.values(shared[name]);
    return (await offers.at(-1).get())();
  };

  page._JUPYTERLAB = page._JUPYTERLAB ?? {};
  page._JUPYTERLAB["cnn-companion"] = {
    init: (scope) => { shared = scope; },
    get: async () => {
      const { plugin } = await import(new URL(`${folder}/labextension/extension.js`, src).href);
      const libraries = await Promise.all(LIBRARIES.map(library));
      return () => ({ __esModule: true, default: plugin(Object.assign({}, ...libraries)) });
    },
  };
}
