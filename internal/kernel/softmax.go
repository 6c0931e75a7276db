package kernel

import "math"

// Softmax sets x[i] = e^x[i] / Σ e^x[j] and returns log Σ e^x[j]. An entry of -Inf becomes 0; if all are -Inf, x
// becomes zeros and the result is -Inf. NaN or +Inf in x makes all results NaN.
func Softmax(x []float32) (logSumExp float32) {
	top := Max(x)
	if noNumbers(top, x) {
		clear(x)
		return top
	}
	sum := active.expSum(top, x)
	active.affine(float32(1/sum), 0, x)
	return float32(float64(top) + math.Log(sum))
}

// LogSumExp returns log Σ e^x[i]: -Inf if x is empty or all -Inf.
func LogSumExp(x []float32) float32 {
	top := Max(x)
	if noNumbers(top, x) {
		return top
	}
	return float32(float64(top) + math.Log(active.sumExp(top, x)))
}

// noNumbers reports whether x, whose maximum is top, is empty or all -Inf.
func noNumbers(top float32, x []float32) bool {
	return math.IsInf(float64(top), -1) && (len(x) == 0 || !math.IsNaN(active.sum(x)))
}

// CrossEntropy replaces the logits x by scale times the gradient of their smoothed loss, and returns the losses.
//
//	p = softmax(x),  q = (1−eps)·onehot(target) + eps/len(x)
//	nll = −log p[target],  smooth = −Σ q·log p,  hit = (argmax x = target)
//	x = scale·(p − q)
//
// NaN or +Inf in x makes nll, smooth and the gradient NaN. Szegedy et al., Rethinking the Inception Architecture, 2016.
func CrossEntropy(x []float32, target int, eps, scale float32) (nll, smooth float32, hit bool) {
	top, mean, hit := peek(x, target, eps)
	logit := float64(x[target])
	sum := active.expSum(top, x)
	nll, smooth = losses(float64(top)+math.Log(sum), logit, mean, eps)
	active.affine(float32(float64(scale)/sum), -scale*eps/float32(len(x)), x)
	x[target] -= scale * (1 - eps)
	return nll, smooth, hit
}

// CrossEntropyLoss returns the results of [CrossEntropy] and leaves x unchanged.
func CrossEntropyLoss(x []float32, target int, eps float32) (nll, smooth float32, hit bool) {
	top, mean, hit := peek(x, target, eps)
	nll, smooth = losses(float64(top)+math.Log(active.sumExp(top, x)), float64(x[target]), mean, eps)
	return nll, smooth, hit
}

// peek returns the maximum of x, the mean of x if eps is not 0, and whether target is the argmax.
func peek(x []float32, target int, eps float32) (top float32, mean float64, hit bool) {
	top = Max(x)
	if eps != 0 {
		mean = active.sum(x) / float64(len(x))
	}
	return top, mean, x[target] == top && index(x[:target], top) < 0
}

// losses computes the losses from log Σ e^x, the target's logit and the mean of x.
func losses(lse, logit, mean float64, eps float32) (nll, smooth float32) {
	loss := lse - logit
	if eps == 0 {
		return float32(loss), float32(loss)
	}
	return float32(loss), float32((1-float64(eps))*loss + float64(eps)*(lse-mean))
}
