// Package vectors stores, searches and displays sentence vectors: files, nearest neighbors, duplicates, clusters and
// maps. It needs no network and takes the vectors of any model.
//
// A [Row] is a sentence and its vector. The row of a blank sentence is blank too: all zeros. Blank rows can be stored
// but not found, clustered or drawn.
//
// # Files
//
// [Read] streams the rows of a file, and [Write] streams rows to a pipe. [Create] returns a [Writer] that makes a file
// and can resume after a kill. All three need constant memory. A file has one of five formats: [NPY], [JSONL], [TSV],
// [Safetensors] or [Parquet].
//
//	format.go       the formats; lines.go, npy.go, parquet.go and safetensors.go, one or two each
//	read.go         texts.go reads texts that stand in a second file
//	create.go       rowlog.go is the unfinished file, stream.go writes to a pipe
//
// # Search
//
// [Collect] reads rows into a [Matrix], the input of everything that follows. An [Index] finds the rows nearest to a
// query by the cosine: it compares all rows, or, if it is approximate, a part of them with a measured recall.
// [Dedupe] drops rows that nearly repeat earlier ones.
//
//	index.go        search.go answers queries, indexfile.go is the file
//	product.go      exact search; cells.go is the approximate one
//	dedupe.go
//
// # Comparison of two files
//
// [Aligned] compares row n of a file with row n of another, [Cosines] all rows with all, and [TopPairs] finds the most
// similar pairs. [Mine] finds the pairs that mean the same, such as translations.
//
//	similar.go      mine.go
//
// # Clusters and maps
//
// [NewClustering] divides rows into clusters and names each [Cluster] by its most distinctive words. [NewMap] places
// rows in the plane by t-SNE or by principal components. A [Map] is drawn as PNG, SVG or an interactive HTML page.
//
//	cluster.go      kmeans.go divides, names.go finds the words
//	map.go          tsne.go and pca.go place the points, affinity.go finds neighbors, quadtree.go sums forces
//	picture.go      page.go; both draw
//
// # Errors
//
// An error about a file is an [*Error] with the file and the row. An error about one row takes that row's place, and
// the stream goes on; see [corpora.IsLineError]. Validate methods return [Violations]. [errors.Is] finds the errors
// that a caller can act on:
//
//   - [ErrKind]: the file is of another kind or format.
//   - [ErrVersion]: a later version of the library wrote the index.
//   - [ErrDamaged]: the file is truncated or changed.
package vectors
