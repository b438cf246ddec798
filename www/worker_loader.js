// Starts a worker. The page hands over its own program, compiled already, with the address of its glue; or asks, by
// `&program=lab`, for the larger program that is only fetched when needed. The address that the page gives bears the
// build (?v=…); it is passed on, so that no file of another build comes out of a cache. What goes wrong before the program
// runs is told to the page as plain text, as the program itself does later.

const asked = new URLSearchParams(self.location.search);

async function start(glue, program) {
  try {
    const { default: run } = await import(glue);
    await run({ module_or_path: program });
  } catch (error) {
    self.postMessage("lost " + (error && error.message ? error.message : String(error)));
  }
}

if (asked.get("program") === "lab") {
  const build = "?v=" + encodeURIComponent(asked.get("v") ?? "");
  start("./lab.js" + build, new URL("./lab_bg.wasm" + build, self.location.href));
} else {
  self.onmessage = ({ data: [glue, program] }) => {
    self.onmessage = null;
    start(glue, program);
  };
}
