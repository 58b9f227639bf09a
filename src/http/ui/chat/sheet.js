// A dialog that stands beside the page where there is room and covers it where there is none.
// Beside the page it leaves everything usable; over it, it holds the focus.

/** Wraps a `dialog`. `roomy` is a media query, `onclose` runs after it was closed by the person. */
export class Sheet {
  constructor(dialog, { roomy, onclose = () => {}, fallback = () => null }) {
    Object.assign(this, { dialog, onclose, fallback, opener: null });
    this.room = matchMedia(roomy);
    this.room.addEventListener("change", () => this.isOpen && this.#place());
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    // A click on what lies behind it.
    dialog.addEventListener("click", (event) => event.target === dialog && this.close());
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** Shows it; `opener` gets the focus back when it is closed. */
  show(opener) {
    if (this.isOpen) return;
    this.opener = opener;
    this.#place();
  }

  /** Shows it and moves the focus to its heading. */
  open(opener = document.activeElement) {
    this.show(opener);
    this.dialog.querySelector("[data-first]")?.focus();
  }

  /** Closes it, tells `onclose`, and gives the focus back. */
  close() {
    if (!this.isOpen) return;
    this.hide();
    this.onclose();
  }

  /** Closes it where it covers the page: a choice in it is the end of it. */
  closeOver() {
    if (!this.room.matches) this.close();
  }

  /** Closes it without telling `onclose`. */
  hide() {
    if (!this.isOpen) return;
    this.dialog.close();
    document.body.classList.remove(`with-${this.dialog.id}`);
    // Not every browser gives a button that was clicked the focus, so that it would get it back.
    const back = this.opener?.isConnected && this.opener !== document.body ? this.opener : this.fallback();
    back?.focus({ preventScroll: true });
  }

  /** Puts it beside the page or over it. */
  #place() {
    const focused = this.dialog.contains(document.activeElement) ? document.activeElement : null;
    if (this.dialog.open) this.dialog.close();
    if (this.room.matches) this.dialog.show();
    else this.dialog.showModal();
    document.body.classList.toggle(`with-${this.dialog.id}`, this.room.matches);
    focused?.focus();
  }
}
