// Starts the simulation's worker. The address that the page gives bears the build (?v=…); it is
// passed on, so that no file of another build comes out of a cache. What goes wrong before the
// program runs is told to the page as plain text, as the program itself does later.
"use strict";

const build = self.location.search;
const lost = (error) => self.postMessage("lost " + (error && error.message ? error.message : String(error)));

try {
  importScripts("./worker.js" + build);
  wasm_bindgen({ module_or_path: "./worker_bg.wasm" + build }).catch(lost);
} catch (error) {
  lost(error);
}
