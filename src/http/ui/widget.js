// Puts the chat into a page of another site: `<script src="https://desk.example.org/widget.js"></script>`.
//
// Attributes of the element: `data-language` (else that of the page), `data-theme` (`light`, `dark`),
// `data-documents` (slugs, separated by spaces), `data-open` (open from the start), `data-key` (a key
// for asking, where the server asks for one; whoever sees the page can read it). The server lists the
// sites that may (`server.origins`).
"use strict";

(() => {
  const script = document.currentScript;
  const base = new URL(script.src).origin;
  const start = () =>
    import(`${base}/assets/widget/main.js`)
      .then((widget) => widget.start(base, script.dataset))
      .catch((error) => console.warn(`Dialogdesk: the chat could not be loaded from ${base}; is ${location.origin} listed in server.origins there?`, error));
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
