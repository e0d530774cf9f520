// Text to the clipboard: by the browser's own hand where it lets a file do so, else by a copy event.

/** Copies `text`; -> whether it is on the clipboard. */
kit.copy = async (text) => {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // refused: the older way asks for no leave
    }
  }
  return copyEvent(text);
};

function copyEvent(text) {
  let done = false;
  const give = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    done = true;
  };
  document.addEventListener("copy", give);
  const marker = kit.el("span", "unseen", "copying", document.body);
  window.getSelection().selectAllChildren(marker);
  const allowed = document.execCommand("copy");
  document.removeEventListener("copy", give);
  marker.remove();
  return allowed && done;
}
