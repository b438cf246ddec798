//! Language models on either side of the session, without input or output.
//!
//! The session asks; a [`driver::Driver`] answers through the same door as everybody, by asking a model in OpenAI's
//! chat-completion form. Whoever holds a network (the command line, the page, a tab with the model in it, or a
//! [`tape`]) makes the calls. Keys are known to the transport alone.

pub mod battery;
pub mod budget;
pub mod calibrate;
pub mod card;
pub mod chat;
pub mod describe;
pub mod dialect;
pub mod driver;
pub mod embed;
pub mod exchange;
pub mod failure;
pub mod fault;
pub mod gguf;
pub mod interview;
pub mod listing;
pub mod meaning;
pub mod picture;
pub mod probe;
pub mod prompt;
pub mod reader;
pub mod recommender;
pub mod scored;
pub mod secret;
pub mod settings;
pub mod shape;
pub mod sse;
pub mod tape;
pub mod task;
pub mod temperature;
pub mod tools;
pub mod user;
