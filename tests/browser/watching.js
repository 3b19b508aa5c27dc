// Runs in every document before the page's own scripts, and tells the trial what the page cannot hide.
(() => {
  const tell = (kind, detail) => window.trialTold?.(kind, String(detail));
  const fields = new WeakMap();
  let fieldCount = 0;
  const nameOf = (field) => {
    if (!fields.has(field)) fields.set(field, `${performance.timeOrigin}/${fieldCount++}`);
    return fields.get(field);
  };

  document.addEventListener("securitypolicyviolation", (event) => {
    tell("violation", `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`);
  });

  // A tap is a finger, or a mouse's button, that goes down; whatever events a page makes itself do not count.
  addEventListener("pointerdown", (event) => event.isTrusted && tell("tap", event.target?.textContent?.trim().slice(0, 40)), true);
  addEventListener("beforeinput", (event) => event.isTrusted && tell("typed", nameOf(event.target)), true);
  addEventListener("change", (event) => {
    if (event.isTrusted && event.target instanceof HTMLSelectElement) tell("typed", nameOf(event.target));
  }, true);

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      const moved = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? "what is gone").join(" | ");
      tell("shift", `${entry.value.toFixed(4)} ${location.pathname} ${moved}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
})();
