// Starts a worker: the simulation's own, or, asked by `&program=lab`, the larger one that is only
// fetched when needed. The address that the page gives bears the build (?v=…); it is passed on, so
// that no file of another build comes out of a cache. What goes wrong before the program runs is
// told to the page as plain text, as the program itself does later.
"use strict";

const asked = new URLSearchParams(self.location.search);
const build = "?v=" + encodeURIComponent(asked.get("v") ?? "");
const program = asked.get("program") === "lab" ? "./lab" : "./worker";
const lost = (error) => self.postMessage("lost " + (error && error.message ? error.message : String(error)));

try {
  importScripts(program + ".js" + build);
  wasm_bindgen({ module_or_path: program + "_bg.wasm" + build }).catch(lost);
} catch (error) {
  lost(error);
}
