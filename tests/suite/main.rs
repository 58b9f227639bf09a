//! The product from outside: the real binary, the real model, a real browser.

mod browser;
mod helpers;
mod http;
