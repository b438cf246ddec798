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
function options(gpu, projector) {
  const where = gpu
    ? { n_gpu_layers: 999, n_batch: 256 }
    : { n_gpu_layers: 0, n_batch: 32, cache_type_k: 'f32', cache_type_v: 'f32', flash_attn: false };
  return { n_ctx: 4096, n_threads: threads(), n_parallel: 2, kv_unified: true, ...where, ...(projector ? PICTURES : {}) };
}

// The pictures of a slate want room. A piece holds a whole picture of the usual size, since some models read one in both
// directions at once; and models that cut any picture into tiles, as SmolVLM's kind does, make four times the tokens unlimited.
const PICTURES = { n_ctx: 8192, n_batch: 256, image_max_tokens: 256 };

// Whether a GGUF file is a projector: what it holds is named before its numbers.
async function isProjector(file) {
  const head = new TextDecoder('latin1').decode(await file.slice(0, 128 << 10).arrayBuffer());
  return /general\.architecture[^]{12}clip/.test(head);
}

async function pair(file, projector) {
  if (await isProjector(file)) throw new Error('this file is a projector; it goes along with the model that it was made for');
  if (!projector) return [file];
  if (!(await isProjector(projector))) throw new Error('the second file is no projector: its makers put mmproj into its name');
  return [file, projector];
}

// The bytes of a picture that lies in the request itself; nothing is fetched from anywhere else.
function picture(url) {
  const [, letters] = /^data:image\/[\w.+-]+;base64,(.+)$/.exec(url ?? '') ?? [];
  return letters && Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0)).buffer;
}

// OpenAI's image parts as the engine takes them; those that it cannot be given are left out.
function shown(message) {
  if (!Array.isArray(message.content)) return message;
  const sees = model.supportInputModality('image');
  const content = message.content.flatMap((part) => {
    if (part.type !== 'image_url') return [part];
    const data = sees && picture(part.image_url?.url);
    return data ? [{ type: 'image', data }] : [];
  });
  return { ...message, content };
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
  // A model that sees has a second file, its projector: an address or a file.
  async loadUrl(url, gpu, signal, told, projector) {
    const fetched = async (from) => (typeof from === 'string' ? (await store()).file(from, signal, told) : from);
    return this.loadFile(await fetched(url), gpu, await fetched(projector));
  },
  // How it runs and whether it sees, as text of JSON.
  async loadFile(file, gpu, projector) {
    const files = await pair(file, projector);
    const fits = gpu && (await hasGpu());
    await (await fresh()).loadModel(files, options(fits, projector));
    const sees = model.supportInputModality('image');
    // The engine itself says nothing of it, and would go on blind.
    if (projector && !sees) {
      await unload();
      throw new Error('the projector does not fit the model: each model that sees has its own');
    }
    return JSON.stringify({ how: how(fits), sees });
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
      const messages = asked.messages.map(shown);
      await model.createChatCompletion({ ...asked, messages, ...more, abortSignal: own.signal, onData: (piece) => told(JSON.stringify(piece)) });
    } catch (error) {
      if (late) throw new Error('timeout');
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  },
};
