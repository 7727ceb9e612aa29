//! Images: the bytes of layers and archives, predicted digests, and what is written beside an image.

mod archive;
mod assemble;
mod bill;
mod broken;
mod engine;
mod layer;
mod listing;
mod real;
mod reference;
mod statement;
