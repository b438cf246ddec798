//! The engine, the programs beside it and the command line, each file a list of behaviours. They are one program, which
//! is compiled and linked once: one for each file took longer to build than to run.
#![cfg(not(target_arch = "wasm32"))]

mod catalog_fuzz;
mod catalog_import;
mod catalog_synthetic;
mod catalog_thumbnail;
mod check;
mod clarify;
mod cli;
mod emergence;
mod env;
mod generative;
mod grammar;
mod kept;
mod learn;
mod llm;
mod llm_cli;
mod llm_faults;
mod llm_guest;
mod llm_pictures;
mod llm_reader;
mod llm_server;
mod llm_session;
mod llm_temperature;
mod lookahead;
mod memory;
mod ope;
mod pictures;
mod player;
mod proptest_scenario;
mod read_back;
mod recommender;
mod recommender_agent;
mod recommender_words;
mod recsim;
mod represent_signal;
mod rollout;
mod scenario;
mod support;
mod train_cli;
mod understanding;
mod worker_data;
mod worker_policy;
mod worker_remote;
mod worker_runner;
mod worker_train;
