// Starts the page's second program. The page puts this file into the document when one of that
// program's pages is first asked for; the address bears the build (?v=…) and the attempt, which
// are passed on, so that no file of another build comes out of a cache. What goes wrong before the
// program runs is told to the page as the program itself would.

const build = new URL(import.meta.url).search;

// Its pages' styles are no part of the first load either. They come while the program does, and are waited for, so that
// no page is seen without them; without a style that does not come, a page works all the same.
const styled = ["./studio-train.css", "./studio-models.css", "./studio-data.css"].map((style) => {
  const href = new URL(style + build, import.meta.url).href;
  const had = [...document.styleSheets].some((sheet) => sheet.href?.split("?")[0] === href.split("?")[0]);
  if (had) return undefined;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((done) => {
    link.onload = link.onerror = done;
  });
});

try {
  const { default: start } = await import("./studio.js" + build);
  await Promise.all(styled);
  await start({ module_or_path: "./studio_bg.wasm" + build });
} catch (error) {
  const reason = error && error.message ? error.message : String(error);
  window.dispatchEvent(new CustomEvent("recoworld-main", { detail: "lost " + reason }));
}
