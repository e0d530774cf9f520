// What the files' own JavaScript is held to. Run from d3_export: npm/node_modules/.bin/eslint -c npm/eslint.config.mjs js
import js from "@eslint/js";

const browser = [
  "addEventListener", "Blob", "cancelAnimationFrame", "clearTimeout", "CSS", "devicePixelRatio", "document", "Element",
  "Event", "getComputedStyle", "globalThis", "Intl", "KeyboardEvent", "matchMedia", "navigator", "Node", "Path2D", "PointerEvent",
  "queueMicrotask", "removeEventListener", "requestAnimationFrame", "ResizeObserver", "setTimeout", "structuredClone",
  "TextDecoder", "TextEncoder", "URL", "window",
];
const ours = ["core", "d3", "figures", "kit"];
const readable = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

const acts = "outside text reaches the document as text only (js/README.md)";
const differs = "the same file draws the same picture: no clock, no chance (js/README.md)";

export default [
  js.configs.recommended,
  {
    files: ["js/core/*.js", "js/figures/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "script", globals: readable([...browser, ...ours]) },
    rules: {
      strict: "off", // the whole is one strict function
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-shadow": "error",
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc", "cssText", "createContextualFragment"].map((property) => ({ property, message: acts })),
        { object: "document", property: "write", message: acts },
        { object: "document", property: "writeln", message: acts },
        { object: "Date", property: "now", message: differs },
        { object: "Math", property: "random", message: differs },
        { property: "localStorage", message: "nothing is stored" },
        { property: "sessionStorage", message: "nothing is stored" },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.property.name='html']", message: acts },
        { selector: "CallExpression[callee.property.name=/^(attr|setAttribute)$/][arguments.0.value=/^(style|href|src|on)/]", message: acts },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: differs },
        { selector: "NewExpression[callee.name='Function']", message: acts },
      ],
    },
  },
  {
    files: ["js/tests/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "commonjs", globals: readable(["__dirname", "console", "globalThis", "module", "performance", "process", "require", "TextEncoder"]) },
  },
];
