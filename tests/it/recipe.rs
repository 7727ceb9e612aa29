//! Tests of recipe.
