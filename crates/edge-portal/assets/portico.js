// Adds a copy button to each block of text that is made to be pasted. Nothing depends on it. Where a page may not write to the
// clipboard (plain http on another host) the text is selected instead, ready for the person's own key.
for (const block of document.querySelectorAll("pre[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain copy";
  const say = (text) => { button.textContent = text; };
  say("Copy");
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.textContent);
      say("Copied");
    } catch {
      getSelection().selectAllChildren(block);
      say("Selected");
    }
    setTimeout(() => say("Copy"), 1500);
  });
  block.previousElementSibling.append(button);
}
