pub mod clock;
pub mod command;
pub mod model;
pub mod registry;
pub mod when;
