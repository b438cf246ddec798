// The files of models, kept in this browser. A file is kept in parts, each on disk as soon as it is here, so that what was
// fetched once is not fetched again: not after a stop, a broken line, or a closed tab.

const PART = 8 << 20;
const TRIES = 5;
const FOLDER = 'recoworld-models';

const root = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

async function nameOf(url) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function write(folder, name, blob) {
  const handle = await folder.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  await stream.write(blob);
  // Only now the file is what was written.
  await stream.close();
  return handle.getFile();
}

// What is known of a kept file, and its parts in their order.
async function look(folder) {
  const parts = [];
  let head = {};
  for await (const [name, handle] of folder.entries()) {
    const file = await handle.getFile();
    if (name === 'head.json') head = await new Response(file).json().catch(() => ({}));
    else if (file.size) parts.push([Number(name), file]);
  }
  parts.sort(([a], [b]) => a - b);
  const files = parts.map(([, file]) => file);
  return { head, files, here: files.reduce((sum, file) => sum + file.size, 0) };
}

async function empty(folder) {
  for await (const name of folder.keys()) await folder.removeEntry(name);
}

const gone = (error) => error instanceof TypeError;

// Fetches what is missing, from where it stands; whether all of it is here then.
async function goOn(url, folder, signal, told) {
  const { head, files, here } = await look(folder);
  if (head.size && here === head.size) return true;
  const range = here > 0 ? { headers: { range: `bytes=${here}-` } } : {};
  const response = await fetch(url, { ...range, signal, credentials: 'omit', referrerPolicy: 'no-referrer' });
  if (response.status === 416) {
    await empty(folder);
    return false;
  }
  if (!response.ok) throw new Error(`the host answers with status ${response.status}`);
  const length = Number(response.headers.get('content-length')) || 0;
  const from = response.status === 206 ? here : 0;
  const size = length ? from + length : 0;
  if (here > 0 && (from === 0 || (head.size && size && size !== head.size))) {
    // It is another file by now, or a host that gives files whole only.
    await empty(folder);
    if (from > 0) {
      await response.body.cancel();
      return false;
    }
  }
  await write(folder, 'head.json', new Blob([JSON.stringify({ url, size })]));
  let [loaded, number, waiting, bytes] = [from, from > 0 ? files.length : 0, [], 0];
  const store = async () => {
    if (bytes) await write(folder, String(number++), new Blob(waiting));
    [waiting, bytes] = [[], 0];
  };
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (loaded === 0 && new TextDecoder('latin1').decode(value.slice(0, 4)) !== 'GGUF') throw new Error('what comes from there is no GGUF file');
      waiting.push(value);
      bytes += value.byteLength;
      loaded += value.byteLength;
      told(loaded, size);
      if (bytes >= PART) await store();
    }
  } finally {
    await reader.cancel().catch(() => {});
    await store();
  }
  if (!size) await write(folder, 'head.json', new Blob([JSON.stringify({ url, size: loaded })]));
  return !size || loaded === size;
}

export async function kept() {
  const models = [];
  for await (const folder of (await root()).values()) {
    const { head, here } = await look(folder);
    if (head.url && here) models.push({ url: head.url, size: head.size || here, here });
  }
  return models;
}

export async function remove(url) {
  await (await root()).removeEntry(await nameOf(url), { recursive: true });
}

// The file at an address: what of it is kept is not asked for again.
export async function file(url, signal, told) {
  if (!navigator.storage?.getDirectory) throw new Error('this browser keeps no files for pages; fetch the file yourself and choose it here');
  const folder = await (await root()).getDirectoryHandle(await nameOf(url), { create: true });
  for (let tried = 1; ; tried += 1) {
    try {
      if (await goOn(url, folder, signal, told)) break;
    } catch (error) {
      const { here } = await look(folder);
      if (signal.aborted || !gone(error) || here === 0 || tried === TRIES) {
        if (here === 0) await remove(url);
        throw gone(error) ? new Error('the host cannot be reached, or lets no page read its files (CORS)') : error;
      }
    }
    if (tried === TRIES) throw new Error('the line broke again and again; what came is kept, and the next try goes on from there');
    await new Promise((done) => setTimeout(done, 300 * tried));
  }
  return new Blob((await look(folder)).files);
}
