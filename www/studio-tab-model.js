// A language model inside the tab: the npm package @wllama/wllama (llama.cpp in WebAssembly, on the
// graphics adapter where there is one). Put into the document when a person first wants it; the
// engine itself is imported when a model is loaded.

const build = new URL(import.meta.url).search;
const engineAt = new URL('./wllama/index.min.js', import.meta.url).href;
const wasmAt = new URL('./wllama/wllama.wasm', import.meta.url).href;

let engine; // the module
let model; // the loaded Wllama
let reader; // the loaded Wllama that embeds texts
let cache; // the manager of kept models

async function module() {
  engine ??= await import(engineAt + build);
  return engine;
}

async function manager() {
  const { ModelManager } = await module();
  cache ??= new ModelManager();
  return cache;
}

async function made() {
  const { Wllama, LoggerWithoutDebug } = await module();
  return new Wllama({ default: wasmAt + build }, { logger: quiet(LoggerWithoutDebug), suppressNativeLog: true, allowOffline: true });
}

async function fresh() {
  await unload();
  model = await made();
  return model;
}

// What the engine reports of itself is no fault of the page.
function quiet(logger) {
  return { ...logger, debug() {}, log() {}, warn() {}, error: (...words) => console.warn(...words) };
}

const threads = () => (globalThis.crossOriginIsolated ? Math.max(1, Math.min(8, (navigator.hardwareConcurrency || 2) - 1)) : 1);

function options(gpu) {
  return { n_ctx: 4096, n_gpu_layers: gpu ? 999 : 0, n_threads: threads(), n_parallel: 1 };
}

async function unload() {
  const old = model;
  model = undefined;
  if (old) await old.exit();
}

async function hasGpu() {
  try {
    return !!(navigator.gpu && (await navigator.gpu.requestAdapter()));
  } catch {
    return false;
  }
}

const how = (gpu) => (gpu ? 'WebGPU' : `WebAssembly, ${threads() === 1 ? 'one thread' : `${threads()} threads`}`);

globalThis.recoworldTab = {
  async able() {
    return JSON.stringify({ webgpu: await hasGpu(), threads: threads(), memory_gb: navigator.deviceMemory ?? 0 });
  },
  async kept() {
    const models = await (await manager()).getModels();
    return JSON.stringify(models.map(({ url, size }) => ({ url, size })));
  },
  async remove(url) {
    const models = await (await manager()).getModels({ includeInvalid: true });
    await Promise.all(models.filter((m) => m.url === url).map((m) => m.remove()));
  },
  async loadUrl(url, gpu, signal, told) {
    const source = await (await manager()).getModelOrDownload(
      { url },
      { signal, progressCallback: ({ loaded, total }) => told(loaded, total) },
    );
    const fits = gpu && (await hasGpu());
    await (await fresh()).loadModel(source, options(fits));
    return how(fits);
  },
  async loadFile(file, gpu) {
    const fits = gpu && (await hasGpu());
    await (await fresh()).loadModel([file], options(fits));
    return how(fits);
  },
  unload,
  // A model that embeds texts: from an address (kept ones without the network) or the person's own file.
  async loadReader(from, signal, told) {
    const source =
      typeof from === 'string'
        ? await (await manager()).getModelOrDownload({ url: from }, { signal, progressCallback: ({ loaded, total }) => told(loaded, total) })
        : [from];
    await this.unloadReader();
    reader = await made();
    await reader.loadModel(source, { n_ctx: 512, n_batch: 512, n_ubatch: 512, n_gpu_layers: 0, n_threads: threads(), n_parallel: 1, embeddings: true });
    return how(false);
  },
  async unloadReader() {
    const old = reader;
    reader = undefined;
    if (old) await old.exit();
  },
  async embed(body) {
    if (!reader) throw new Error('no model is loaded');
    return JSON.stringify(await reader.createEmbedding(JSON.parse(body)));
  },
  async complete(body, timeout, signal) {
    if (!model) throw new Error('no model is loaded');
    const own = new AbortController();
    let late = false;
    const stop = () => own.abort();
    signal.addEventListener('abort', stop);
    const timer = setTimeout(() => {
      late = true;
      own.abort();
    }, timeout);
    try {
      const asked = { ...JSON.parse(body), abortSignal: own.signal, cache_prompt: true };
      delete asked.stream;
      delete asked.stream_options;
      return JSON.stringify(await model.createChatCompletion(asked));
    } catch (error) {
      if (late) throw new Error('timeout');
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  },
};
