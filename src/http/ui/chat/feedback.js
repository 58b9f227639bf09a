// The form for a comment on a reply that was rated.

import { button, element } from "./element.js";
import { t } from "./texts.js";

let forms = 0;

/** Asks for a comment; the focus goes back to `opener` when that is done or declined. */
export function commentForm(exchange, page, opener) {
  const id = `comment-${(forms += 1)}`;
  const { rating, comment } = exchange.feedback;
  const box = element("textarea", { id, rows: "2", maxlength: "2000" });
  box.value = comment ?? "";
  const done = (text) => {
    form.replaceWith(...(text ? [element("p", { class: "comment" }, text)] : []));
    opener.focus();
  };
  const send = async (event) => {
    event.preventDefault();
    if (!box.value.trim()) return done(null);
    exchange.feedback = { rating, comment: box.value.trim() };
    const kept = await page.rate(exchange);
    const told = t(!kept ? "rating_failed" : kept.comment ? "commented" : "rated");
    page.tell(told);
    if (kept) done(told);
    else if (!form.querySelector("[role=alert]")) form.append(element("p", { role: "alert" }, t("rating_failed")));
  };
  const form = element(
    "form",
    { class: "comment", on: { submit: send } },
    element("label", { for: id }, t(`comment_label_${rating}`)),
    box,
    element(
      "div",
      { class: "buttons" },
      element("button", { type: "submit", class: "quiet" }, t("comment_send")),
      button({ class: "plain" }, () => done(null), t("comment_skip")),
    ),
  );
  return form;
}
