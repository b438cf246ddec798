// A language model inside the tab: the npm package @wllama/wllama (llama.cpp in WebAssembly, on the
// graphics adapter where there is one). Put into the document when a person first wants it; the
// engine itself is imported when a model is loaded.

const build = new URL(import.meta.url).search;
const engineAt = new URL('./wllama/index.min.js', import.meta.url).href;
const wasmAt = new URL('./wllama/wllama.wasm', import.meta.url).href;

let engine; // the module
let model; // the loaded Wllama
let reader; // the loaded Wllama that embeds texts

async function module() {
  engine ??= await import(engineAt + build);
  return engine;
}

const store = () => import('./studio-tab-store.js' + build);

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

// One processor is left to the page, where there are more than two.
const processors = () => (globalThis.crossOriginIsolated ? Math.min(9, navigator.hardwareConcurrency || 2) : 1);
const threads = () => Math.min(processors(), Math.max(2, processors() - 1));

// Prompts are read in small pieces, so that a call can be seen to move and be broken off. Two places, so that what the model
// has read as the user is still there when it has answered as the recommender. On the processor, attention over half-precision
// numbers without its own instructions costs more than all else: there it is whole ones.
function options(gpu) {
  const where = gpu
    ? { n_gpu_layers: 999, n_batch: 256 }
    : { n_gpu_layers: 0, n_batch: 32, cache_type_k: 'f32', cache_type_v: 'f32', flash_attn: false };
  return { n_ctx: 4096, n_threads: threads(), n_parallel: 2, kv_unified: true, ...where };
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
    return JSON.stringify(await (await store()).kept());
  },
  async remove(url) {
    await (await store()).remove(url);
  },
  async loadUrl(url, gpu, signal, told) {
    return this.loadFile(await (await store()).file(url, signal, told), gpu);
  },
  async loadFile(file, gpu) {
    const fits = gpu && (await hasGpu());
    await (await fresh()).loadModel([file], options(fits));
    return how(fits);
  },
  unload,
  // A model that embeds texts: from an address (kept ones without the network) or the person's own file.
  async loadReader(from, signal, told) {
    const source = typeof from === 'string' ? await (await store()).file(from, signal, told) : from;
    await this.unloadReader();
    reader = await made();
    // So small a model waits for its own threads longer than it computes, where they must share a processor.
    const few = Math.max(1, processors() - 1);
    await reader.loadModel([source], { n_ctx: 512, n_batch: 512, n_ubatch: 512, n_gpu_layers: 0, n_threads: few, n_parallel: 1, flash_attn: false, embeddings: true });
    return how(false);
  },
  async unloadReader() {
    const old = reader;
    reader = undefined;
    if (old) await old.exit();
  },
  // One text after the other: the engine answers a list with its last vector only.
  async embed(body, signal) {
    if (!reader) throw new Error('no model is loaded');
    const { input, ...rest } = JSON.parse(body);
    const [data, usage] = [[], { prompt_tokens: 0 }];
    for (const [index, text] of input.entries()) {
      if (signal.aborted) throw new Error('stopped');
      const answer = await reader.createEmbedding({ ...rest, input: text });
      data.push({ index, embedding: answer.data[0].embedding });
      usage.prompt_tokens += answer.usage?.prompt_tokens ?? 0;
    }
    return JSON.stringify({ data, usage });
  },
  // Every piece of the answer is told as it comes, as text of JSON.
  async complete(body, timeout, signal, told) {
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
      // This engine may set JSON out in lines and columns: the limit, made for the shortest form, leaves room for that.
      const asked = JSON.parse(body);
      const room = asked.response_format ? { max_tokens: 2 * asked.max_tokens } : {};
      const more = { ...room, stream: true, stream_options: { include_usage: true }, return_progress: true, timings_per_token: true, cache_prompt: true };
      await model.createChatCompletion({ ...asked, ...more, abortSignal: own.signal, onData: (piece) => told(JSON.stringify(piece)) });
    } catch (error) {
      if (late) throw new Error('timeout');
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  },
};
