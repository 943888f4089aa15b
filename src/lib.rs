pub mod clock;
pub mod filter;
pub mod model;
pub mod printer;
pub mod registry;
pub mod when;
