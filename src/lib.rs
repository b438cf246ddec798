//! RecoWorld: the engine.
