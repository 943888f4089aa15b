pub mod clock;
pub mod config;
pub mod man;
pub mod model;
pub mod registry;
pub mod room;
