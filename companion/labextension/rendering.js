// What stands in a notebook in the place of an output.

/** Have a notebook show `instead(type, model, node)`, where that is an element, in the place of what JupyterLab shows for an output:
 *  `type` and `model` are its media type and its data, and `node` is what JupyterLab would show. */
export function showInstead(panel, instead) {
  const { rendermime } = panel.content;
  const create = rendermime.createRenderer.bind(rendermime);
  rendermime.createRenderer = (type) => {
    const renderer = create(type);
    const render = renderer.renderModel.bind(renderer);
    renderer.renderModel = async (model) => {
      await render(model);
      const element = instead(type, model, renderer.node);
      if (element) renderer.node.replaceChildren(element);
    };
    return renderer;
  };
}
