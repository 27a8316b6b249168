// @ts-check
/**
 * Mutation fuzzing of everything that reads untrusted bytes. Plain JavaScript, because both a command and the unit tests
 * run it, the one from the built package and the other from its sources.
 */

/** A repeatable stream of numbers in [0, 1) (mulberry32). @param {number} seed */
export function randomStream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = [
  0, 1, 2, 3, 4, 8, 16, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff,
];

/**
 * A damaged copy of a file: up to eight flipped bits, odd words, words from elsewhere in the file, truncations, removed
 * or repeated pieces.
 *
 * @param {Uint8Array} source
 * @param {() => number} random
 * @returns {Uint8Array}
 */
export function mutate(source, random) {
  let bytes = Uint8Array.from(source);
  const below = (/** @type {number} */ limit) => Math.floor(random() * limit);
  for (let times = 1 + below(8); times > 0 && bytes.length > 8; times--) {
    const view = new DataView(bytes.buffer);
    const word = below(bytes.length >> 2) << 2;
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
        bytes[below(bytes.length)] ^= 1 << below(8);
        break;
      case 3:
      case 4:
        bytes[below(bytes.length)] = WORDS[below(WORDS.length)];
        break;
      case 5:
      case 6:
        view.setUint32(word, WORDS[below(WORDS.length)], true);
        break;
      case 7:
        // Offsets are small: a small change of one points into another structure.
        view.setInt32(word, view.getInt32(word, true) + below(65) - 32, true);
        break;
      case 8:
      case 9:
        view.setUint32(word, view.getUint32(below(bytes.length >> 2) << 2, true), true);
        break;
      case 10:
        bytes = bytes.slice(0, below(bytes.length));
        break;
      default: {
        const from = below(bytes.length);
        const length = below(Math.min(64, bytes.length - from));
        const keep = random() < 0.5;
        const head = bytes.subarray(0, keep ? from + length : from);
        const tail = bytes.subarray(keep ? from : from + length);
        const joined = new Uint8Array(head.length + tail.length);
        joined.set(head);
        joined.set(tail, head.length);
        bytes = joined;
      }
    }
  }
  return bytes;
}

/**
 * @typedef {object} Target One thing that reads bytes.
 * @property {string} name
 * @property {Uint8Array} seed A file that it accepts.
 * @property {(bytes: Uint8Array) => void} read Returns, or throws a `TfliteError`.
 */

/**
 * @typedef {object} Finding
 * @property {string} target
 * @property {string} problem
 * @property {Uint8Array} bytes
 */

/**
 * Feeds damaged files to readers. A finding is an error that is no `TfliteError`, or a file that takes too long.
 *
 * @param {object} options
 * @param {readonly Target[]} options.targets
 * @param {number} options.seed
 * @param {number} options.milliseconds How long to go on.
 * @param {number} options.slowest Milliseconds that one file may take.
 * @param {(error: unknown) => boolean} options.expected Whether an error is one that readers may throw.
 * @param {(bytes: Uint8Array, target: Target) => void} [options.before] Called before each file.
 * @returns {{ files: number, accepted: number, findings: Finding[] }}
 */
export function fuzz({ targets, seed, milliseconds, slowest, expected, before }) {
  const random = randomStream(seed);
  const end = performance.now() + milliseconds;
  /** @type {Finding[]} */
  const findings = [];
  let files = 0;
  let accepted = 0;
  while (performance.now() < end && findings.length < 10) {
    const target = targets[files % targets.length];
    const bytes = mutate(target.seed, random);
    before?.(bytes, target);
    // CPU time: on a busy machine the clock says more about the neighbours.
    const start = process.cpuUsage();
    try {
      target.read(bytes);
      accepted++;
    } catch (error) {
      if (!expected(error))
        findings.push({ target: target.name, problem: String(error instanceof Error ? error.stack : error), bytes });
    }
    const used = process.cpuUsage(start);
    const took = (used.user + used.system) / 1000;
    if (took > slowest)
      findings.push({ target: target.name, problem: `took ${Math.round(took)} ms of CPU time`, bytes });
    files++;
  }
  return { files, accepted, findings };
}

/**
 * Everything of the package that reads untrusted bytes, with files that it accepts.
 *
 * @param {object} api The package's functions, from its sources or from its build.
 * @param {typeof import('../src/index.ts')} api.root
 * @param {typeof import('../src/metadata/index.ts')} api.metadata
 * @param {typeof import('../src/quantize/index.ts')} api.quantize
 * @param {typeof import('../src/engines/index.ts')} api.engines
 * @returns {Target[]}
 */
export function targets({ root, metadata, quantize, engines }) {
  const { GraphBuilder, readModel, writeModel } = root;
  const random = randomStream(1);
  const values = (/** @type {number} */ count) => Float32Array.from({ length: count }, () => random() * 2 - 1);
  const dense = () => {
    const g = new GraphBuilder({ description: 'dense' });
    const x = g.log(g.add(g.relu(g.input('x', 6)), g.scalar(1)));
    const h = g.fullyConnected(x, g.constant('w', [4, 6], values(24)), g.constant('b', [4], values(4)), 'relu');
    const y = g.fullyConnected(h, g.constant('v', [6, 4], values(24)), null);
    g.output('score', g.sum(g.square(g.sub(x, y)), [1]));
    g.output('parts', g.concat([g.columns(y, 0, 2), ...g.split(y, 2)], 1));
    return g.build();
  };
  const image = () => {
    const g = new GraphBuilder();
    const x = g.pad(g.input('x', [5, 5, 2]), [
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    const c = g.conv2d(x, g.constant('f', [3, 2, 2, 2], values(24)), g.constant('c', [3], values(3)), {
      strides: [2, 2],
      padding: 'same',
      activation: 'relu6',
    });
    const p = g.maxPool2d(g.depthwiseConv2d(c, g.constant('d', [1, 2, 2, 3], values(12)), null, { padding: 'same' }), {
      size: [2, 2],
      strides: [1, 1],
    });
    g.output('y', g.softmax(g.reshape(g.transpose(p, [0, 3, 1, 2]), [-1, 12])));
    return g.build();
  };
  const rows = [values(40 * 6)];
  const float = dense();
  const int8 = quantize.toInt8(float, quantize.calibrateModel(float, rows)).model;
  const described = metadata.withMetadata(float, {
    name: 'a',
    description: 'b',
    associatedFiles: ['f'],
    inputs: [{ name: 'x', description: '' }],
  });
  const archive = root.appendAssociatedFiles(writeModel(described), [
    { name: 'f', bytes: new Uint8Array(40).fill(65) },
    { name: 'g', bytes: new Uint8Array(0) },
  ]);

  /** A model that reads must also write, read again and run. */
  const read = (/** @type {Uint8Array} */ bytes) => {
    const model = readModel(bytes);
    const copy = readModel(writeModel(model));
    if (JSON.stringify(copy.subgraphs) !== JSON.stringify(model.subgraphs)) throw new Error('does not round-trip');
    metadata.modelMetadata(model);
    const cost = model.subgraphs[0].tensors.reduce((sum, tensor) => sum + root.elementCount(tensor.shape), 0);
    if (cost > 20_000) return;
    const engine = new engines.ReferenceEngine(model);
    engine.compute(
      engine.inputs.map((info) =>
        info.type === 'int8'
          ? new Int8Array(info.length)
          : info.type === 'float32'
            ? new Float32Array(info.length)
            : info.type === 'int32'
              ? new Int32Array(info.length)
              : new Uint8Array(info.length),
      ),
    );
    engine.dispose();
  };
  return [
    { name: 'float model', seed: writeModel(float), read },
    { name: 'int8 model', seed: writeModel(int8), read },
    { name: 'image model', seed: writeModel(image()), read },
    { name: 'float16 model', seed: writeModel(quantize.toFloat16(float)), read },
    { name: 'described model', seed: writeModel(described), read },
    { name: 'associated files', seed: archive, read: (bytes) => void root.readAssociatedFiles(bytes) },
    {
      name: 'sealed file',
      seed: root.sealFile(archive),
      read: (bytes) => {
        root.verifySeal(bytes);
        // A damaged file must not pass; an unchanged one may.
        if (Buffer.compare(bytes, root.sealFile(archive)) !== 0) throw new Error('a damaged file passed its seal');
      },
    },
    {
      name: 'metadata',
      seed: metadata.buildMetadata({
        name: 'a',
        associatedFiles: ['x', 'y'],
        outputs: [{ name: 'y', description: 'z' }],
      }),
      read: (bytes) => void metadata.parseMetadata(bytes),
    },
  ];
}
