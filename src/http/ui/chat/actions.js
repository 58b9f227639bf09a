// What can be done with a reply: rate it, copy it, ask how it came about.

import { copyItems } from "./copy.js";
import { button, element, icon, unseen } from "./element.js";
import { commentForm } from "./feedback.js";
import { dropdown } from "./dropdown.js";
import { t } from "./texts.js";
import { whyNode } from "./why.js";

/** The row below a reply, with what its buttons open. `page` as in `answer`, and `rate`, `tell`. */
export function actionsNode(exchange, page) {
  const below = element("div", { class: "below" });
  const thumbs = ["up", "down"].map((rating) => thumb(rating, exchange, page, below));
  const show = () => thumbs.forEach((b) => b.setAttribute("aria-pressed", String(exchange.feedback?.rating === b.dataset.rating)));
  thumbs.forEach((b) => b.addEventListener("rated", show));
  show();
  return element(
    "div",
    { class: "actions" },
    element("div", { class: "tools" }, thumbs, dropdown({ class: "tool" }, [icon("copy"), t("copy")], copyItems(exchange, page)), whyButton(exchange, below)),
    below,
  );
}

function thumb(rating, exchange, page, below) {
  const rate = async (event) => {
    const node = event.currentTarget;
    const before = exchange.feedback;
    exchange.feedback = { rating, comment: before?.rating === rating ? before.comment : null };
    node.dispatchEvent(new Event("rated"));
    const kept = await page.rate(exchange);
    if (!kept) exchange.feedback = before;
    node.dispatchEvent(new Event("rated"));
    page.tell(t(kept ? "rated" : "rating_failed"));
    below.querySelector(".comment")?.remove();
    if (kept) below.append(commentForm(exchange, page, node));
    else if (!below.querySelector(".not-kept")) below.append(element("p", { class: "comment not-kept" }, t("rating_failed")));
  };
  return button({ class: "tool thumb", "data-rating": rating, title: t(`rate_${rating}`) }, rate, icon(rating), unseen(t(`rate_${rating}`)));
}

/** Shows how the reply came about, and hides it again. */
function whyButton(exchange, below) {
  const toggle = (event) => {
    const shown = below.querySelector(".why");
    if (shown) shown.remove();
    else below.prepend(whyNode(exchange));
    event.currentTarget.setAttribute("aria-expanded", String(!shown));
  };
  const label = exchange.reply.outcome === "answered" ? t("why") : t("why_refused");
  return button({ class: "tool", "aria-expanded": "false" }, toggle, icon("why"), label);
}
