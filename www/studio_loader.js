// Starts the page's second program. The page puts this file into the document when one of that
// program's pages is first asked for; the address bears the build (?v=…) and the attempt, which
// are passed on, so that no file of another build comes out of a cache. What goes wrong before the
// program runs is told to the page as the program itself would.

const build = new URL(import.meta.url).search;

try {
  const { default: start } = await import("./studio.js" + build);
  await start({ module_or_path: "./studio_bg.wasm" + build });
} catch (error) {
  const reason = error && error.message ? error.message : String(error);
  const detail = JSON.stringify({ Lost: reason });
  window.dispatchEvent(new CustomEvent("recoworld-main", { detail }));
}
