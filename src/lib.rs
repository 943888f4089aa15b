pub mod clock;
pub mod filter;
pub mod model;
pub mod printer;
pub mod recipe;
pub mod registry;
pub mod when;
