// Paper is narrower than a screen: before printing the page takes a sheet's width (css/figures/_base.css), and the figures
// are then drawn anew at it. This file comes before boot.js, whose redrawing follows.

addEventListener("beforeprint", () => {
  document.documentElement.dataset.paper = "true";
});
addEventListener("afterprint", () => {
  delete document.documentElement.dataset.paper;
});
