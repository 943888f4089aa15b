pub mod clock;
pub mod http;
pub mod model;
pub mod registry;
pub mod source;
