// Package kernel is the arithmetic under every layer: float32 matrix products, vector functions, recurrent cells,
// losses and optimiser steps over plain slices.
//
// Matrices are row-major; a leading dimension is the distance between the starts of two rows, in elements. Slices that
// are too short for the sizes named beside them are a programmer's error and panic.
//
// Products may round their operands to bf16 or int8 first, or take them apart: see [Precision].
//
// Every result is deterministic: its bits depend on the operands of that element alone, on the precision and on the
// path that the processor has (see [Path]), never on GOMAXPROCS, on how many rows were computed together, or on where
// in a matrix a row stood. An element of a product is one accumulator that takes k in ascending order, in blocks of a
// fixed length, of which matrix instructions add the products of 32 values at a time.
//
// NaN and infinities follow IEEE 754: they come out where they went in, unless a function says otherwise.
package kernel
