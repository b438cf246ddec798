//! A multilayer perceptron with tanh between its layers, and its gradient.

use super::{columns, into_panels, orthogonal, outer, padded, rows_by_panels, transpose_panels};
use crate::math::{
    Stream,
    lanes::{self, LANES},
};

/// One layer's place among the parameters: weights in panels, then the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layer {
    inputs: usize,
    outputs: usize,
    weights: usize,
    bias: usize,
}

/// The sizes of a network; its parameters are kept by whoever trains it, in one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mlp {
    layers: Vec<Layer>,
    size: usize,
}

/// What a forward pass leaves for the way back, and the room that both work in.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// The input, then each layer's activations, rows padded to whole lanes.
    acts: Vec<Vec<f32>>,
    back: [Vec<f32>; 2],
    turned: Vec<[f32; LANES]>,
    scratch: Vec<f32>,
}

impl Tape {
    /// The network's output, rows padded to whole lanes.
    #[must_use]
    pub fn output(&self) -> &[f32] {
        self.acts.last().map_or(&[], Vec::as_slice)
    }
}

impl Mlp {
    /// A network of these sizes, input and output included.
    #[must_use]
    pub fn new(sizes: &[usize]) -> Self {
        let mut at = 0;
        let mut layers = Vec::new();
        for pair in sizes.windows(2) {
            let (inputs, outputs) = (pair[0], pair[1]);
            let (weights, bias) = (at, at + inputs * padded(outputs));
            at = bias + padded(outputs);
            layers.push(Layer { inputs, outputs, weights, bias });
        }
        Self { layers, size: at }
    }

    /// How many parameters there are, padding included.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// How many layers there are.
    #[must_use]
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// How many numbers go in.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs
    }

    /// How many numbers come out.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs
    }

    /// Fresh parameters: orthogonal weights of gain √2 (the last layer's outputs of the gains that `last` gives), no bias.
    #[must_use]
    pub fn init(&self, last: impl Fn(usize) -> f32, random: &mut Stream) -> Vec<f32> {
        let mut params = vec![0.0; self.size];
        for (i, layer) in self.layers.iter().enumerate() {
            let is_last = i + 1 == self.layers.len();
            let mut matrix = orthogonal(layer.inputs, layer.outputs, 1.0, random);
            for (j, w) in matrix.iter_mut().enumerate() {
                *w *= if is_last { last(j % layer.outputs) } else { core::f32::consts::SQRT_2 };
            }
            let panels = into_panels(&matrix, layer.inputs, layer.outputs);
            params[layer.weights..layer.bias].copy_from_slice(panels.as_flattened());
        }
        params
    }

    /// The output for the rows that `fill` writes into the tape's input (`rows` of [`padded`] inputs, zeroed).
    pub fn forward(&self, params: &[f32], rows: usize, tape: &mut Tape, fill: impl FnOnce(&mut [f32])) {
        tape.acts.resize_with(self.layers.len() + 1, Vec::new);
        let width = padded(self.inputs());
        tape.acts[0].clear();
        tape.acts[0].resize(rows * width, 0.0);
        fill(&mut tape.acts[0]);
        for (i, layer) in self.layers.iter().enumerate() {
            let (before, after) = tape.acts.split_at_mut(i + 1);
            let (x, y) = (&before[i], &mut after[0]);
            let width = padded(layer.outputs);
            y.resize(rows * width, 0.0);
            let panels = params[layer.weights..layer.bias].as_chunks::<LANES>().0;
            rows_by_panels(x, padded(layer.inputs), layer.inputs, panels, y);
            let bias = &params[layer.bias..layer.bias + width];
            if i + 1 == self.layers.len() {
                add_bias(y, bias);
            } else {
                add_bias_and_squash(y, bias);
            }
        }
    }

    /// Adds the gradient of what `tape` holds to `grads`, `dout` being the gradient of the output (padded like it, the
    /// padding zero).
    pub fn backward(&self, params: &[f32], tape: &mut Tape, dout: &[f32], grads: &mut [f32]) {
        let Tape { acts, back: [now, next], turned, scratch } = tape;
        now.clear();
        now.extend_from_slice(dout);
        for (i, layer) in self.layers.iter().enumerate().rev() {
            let width = padded(layer.outputs);
            let (weights, bias) = grads[layer.weights..layer.bias + width].split_at_mut(layer.bias - layer.weights);
            let panels = weights.as_chunks_mut::<LANES>().0;
            outer(&acts[i], padded(layer.inputs), layer.inputs, now, width, panels, scratch);
            columns(now, width, bias);
            if i == 0 {
                break;
            }
            let panels = params[layer.weights..layer.bias].as_chunks::<LANES>().0;
            transpose_panels(panels, layer.inputs, layer.outputs, turned);
            next.resize(acts[i].len(), 0.0);
            rows_by_panels(now, width, layer.outputs, turned, next);
            for (d, a) in next.iter_mut().zip(&acts[i]) {
                *d *= 1.0 - a * a;
            }
            core::mem::swap(now, next);
        }
    }

    /// The parameters by name, as PyTorch names and shapes them: `0.weight` of outputs × inputs, `0.bias`, `1.weight` ….
    #[must_use]
    pub fn named(&self, params: &[f32]) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let mut out = Vec::new();
        for (i, layer) in self.layers.iter().enumerate() {
            let mut weight = Vec::with_capacity(layer.inputs * layer.outputs);
            for o in 0..layer.outputs {
                weight.extend((0..layer.inputs).map(|k| params[layer.at(k, o)]));
            }
            out.push((format!("{i}.weight"), vec![layer.outputs, layer.inputs], weight));
            out.push((format!("{i}.bias"), vec![layer.outputs], params[layer.bias..][..layer.outputs].to_vec()));
        }
        out
    }

    /// The parameters from what [`named`](Self::named) gave, in the same order; `None` where the sizes differ.
    #[must_use]
    pub fn from_named(&self, parts: &[Vec<f32>]) -> Option<Vec<f32>> {
        let mut params = vec![0.0; self.size];
        if parts.len() != 2 * self.layers.len() {
            return None;
        }
        for (layer, part) in self.layers.iter().zip(parts.chunks_exact(2)) {
            if part[0].len() != layer.inputs * layer.outputs || part[1].len() != layer.outputs {
                return None;
            }
            for (j, w) in part[0].iter().enumerate() {
                params[layer.at(j % layer.inputs, j / layer.inputs)] = *w;
            }
            params[layer.bias..][..layer.outputs].copy_from_slice(&part[1]);
        }
        Some(params)
    }
}

impl Layer {
    /// Where the weight from an input to an output lies.
    fn at(&self, input: usize, output: usize) -> usize {
        self.weights + (output / LANES * self.inputs + input) * LANES + output % LANES
    }
}

fn add_bias(y: &mut [f32], bias: &[f32]) {
    for row in y.chunks_exact_mut(bias.len()) {
        for (v, b) in row.iter_mut().zip(bias) {
            *v += b;
        }
    }
}

fn add_bias_and_squash(y: &mut [f32], bias: &[f32]) {
    let bias = bias.as_chunks::<LANES>().0;
    for row in y.as_chunks_mut::<LANES>().0.chunks_exact_mut(bias.len()) {
        for (v, b) in row.iter_mut().zip(bias) {
            let mut z = *v;
            for l in 0..LANES {
                z[l] += b[l];
            }
            *v = lanes::tanh(z);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    fn stage() -> (Mlp, Vec<f32>, Vec<f32>, Vec<f32>) {
        let net = Mlp::new(&[5, 11, 9, 3]);
        let mut random = Source::new(3).stream(Purpose::Other);
        let mut params = net.init(|_| 1.0, &mut random);
        for layer in &net.layers {
            for b in &mut params[layer.bias..layer.bias + layer.outputs] {
                *b = 0.1 * random.normal();
            }
        }
        let rows = 7;
        let mut x = vec![0.0; rows * padded(5)];
        let mut target = vec![0.0; rows * padded(3)];
        for r in 0..rows {
            (0..5).for_each(|i| x[r * 8 + i] = random.normal());
            (0..3).for_each(|i| target[r * 8 + i] = random.normal());
        }
        (net, params, x, target)
    }

    /// Σ target · output, whose gradient by the output is `target`.
    fn loss(net: &Mlp, params: &[f32], x: &[f32], target: &[f32]) -> f64 {
        let mut tape = Tape::default();
        net.forward(params, x.len() / 8, &mut tape, |to| to.copy_from_slice(x));
        tape.output().iter().zip(target).map(|(a, b)| f64::from(a * b)).sum()
    }

    #[test]
    fn every_gradient_agrees_with_finite_differences() {
        let (net, params, x, target) = stage();
        let mut tape = Tape::default();
        net.forward(&params, 7, &mut tape, |to| to.copy_from_slice(&x));
        let mut grads = vec![0.0; net.size()];
        net.backward(&params, &mut tape, &target, &mut grads);
        let h = 1e-2f32;
        let mut checked = 0;
        for i in 0..params.len() {
            let at = |d: f32| {
                let mut p = params.clone();
                p[i] += d;
                loss(&net, &p, &x, &target)
            };
            // Fourth order: (8(f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h.
            let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * f64::from(h));
            let g = f64::from(grads[i]);
            assert!((slope - g).abs() < 2e-3 * (1.0 + g.abs()), "parameter {i}: {g} and {slope}");
            checked += usize::from(g != 0.0);
        }
        // All that is no padding.
        assert_eq!(checked, 5 * 11 + 11 + 11 * 9 + 9 + 9 * 3 + 3);
    }

    #[test]
    fn parameters_travel_by_name_and_back() {
        let (net, params, ..) = stage();
        let named = net.named(&params);
        assert_eq!(named[0].1, [11, 5]);
        let parts: Vec<Vec<f32>> = named.into_iter().map(|p| p.2).collect();
        assert_eq!(net.from_named(&parts).as_deref(), Some(params.as_slice()));
        assert_eq!(net.from_named(&parts[..4]), None);
    }

    #[test]
    fn a_row_gives_the_same_bits_alone_and_in_a_batch() {
        let (net, params, x, _) = stage();
        let (mut all, mut one) = (Tape::default(), Tape::default());
        net.forward(&params, 7, &mut all, |to| to.copy_from_slice(&x));
        net.forward(&params, 1, &mut one, |to| to.copy_from_slice(&x[6 * 8..]));
        assert_eq!(one.output(), &all.output()[6 * 8..]);
    }
}
