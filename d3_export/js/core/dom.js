// Elements by hand: outside text only ever becomes a text node.

/**
 * An element. `attributes` are set as given ("class", "id", "role", "aria-*", "data-*", ...); `true` sets an empty one,
 * null and false set none. `children` are nodes or text. Attributes that could act (style, href, src, on...) are refused.
 */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (/^(on|style$|src|srcdoc$|action$|formaction$)/i.test(name)) throw new Error(`no attribute ${name} here`);
    if (name === "href" && !/^#[\w-]*$/.test(value)) throw new Error("links lead within the file only");
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined).map(asNode));
  return node;
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

/** A button with a click handler. */
function button(label, onClick, attributes = {}) {
  const node = el("button", { type: "button", ...attributes }, label);
  node.addEventListener("click", onClick);
  return node;
}

core.el = el;
core.button = button;
