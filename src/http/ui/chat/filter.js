// In which documents the next question is asked.

import { closing } from "./dropdown.js";
import { t } from "./texts.js";

export class Filter {
  /** `details` holds a box for each document; there is none where only one document is served. */
  constructor(details) {
    this.details = details;
    this.boxes = details ? [...details.querySelectorAll("input")] : [];
    details?.addEventListener("change", () => this.#tell());
    details?.querySelector("[data-clear]").addEventListener("click", () => {
      this.choose([]);
      details.open = false;
      details.querySelector("summary").focus();
    });
    if (details) closing(details);
    this.#tell();
  }

  /** Slugs; none means all documents. */
  get chosen() {
    return this.boxes.filter((box) => box.checked).map((box) => box.value);
  }

  /** The same in words. */
  get text() {
    return this.details?.querySelector("[data-chosen]").textContent ?? "";
  }

  choose(slugs) {
    this.boxes.forEach((box) => (box.checked = slugs.includes(box.value)));
    this.#tell();
  }

  #tell() {
    if (!this.details) return;
    const chosen = this.boxes.filter((box) => box.checked);
    const one = chosen[0]?.labels[0].textContent.trim();
    const text = chosen.length === 0 ? t("all_documents") : chosen.length === 1 ? one : t("some_documents", { count: chosen.length });
    this.details.querySelector("[data-chosen]").textContent = text;
    this.details.querySelector("[data-clear]").hidden = chosen.length === 0;
  }
}
