pub mod clock;
pub mod model;
pub mod registry;
pub mod room;
