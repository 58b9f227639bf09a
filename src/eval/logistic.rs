//! Logistic regression with an L2 penalty, fitted by Newton's method (iteratively reweighted least
//! squares). Small and dense: a few dozen features, some thousand rows. Deterministic.

/// A row: features, label, weight (0 or more).
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub x: Vec<f64>,
    pub y: bool,
    pub weight: f64,
}

/// A fitted model over standardised features.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub bias: f64,
    /// Of `(x - mean) / scale`.
    pub weights: Vec<f64>,
    pub means: Vec<f64>,
    /// Standard deviations; 1 for a feature that never changes.
    pub scales: Vec<f64>,
}

impl Model {
    /// Fits `rows`; `l2` is the penalty on the squared weights, the bias is free. Without rows, or
    /// with one label alone, the penalty also holds the bias, so the result is always finite.
    #[must_use]
    pub fn fit(rows: &[Row], l2: f64) -> Self {
        let (means, scales) = standardisation(rows);
        let mut model = Self { bias: 0.0, weights: vec![0.0; means.len()], means, scales };
        let design: Vec<Vec<f64>> = rows.iter().map(|row| model.standardised(&row.x)).collect();
        let mut beta = vec![0.0; model.weights.len() + 1];
        let mut loss = penalised_loss(rows, &design, &beta, l2);
        for _ in 0..50 {
            let Some(step) = newton_step(rows, &design, &beta, l2) else { break };
            let Some((next, next_loss)) = halved(rows, &design, &beta, &step, l2, loss) else { break };
            let gained = loss - next_loss;
            (beta, loss) = (next, next_loss);
            if gained < 1e-10 * (1.0 + loss) {
                break;
            }
        }
        model.bias = beta[0];
        model.weights = beta[1..].to_vec();
        model
    }

    /// The probability of a positive label.
    #[must_use]
    pub fn probability(&self, x: &[f64]) -> f64 {
        let x = self.standardised(x);
        sigmoid(self.bias + dot(&self.weights, &x[1..]))
    }

    /// A leading 1 for the bias, then the standardised features.
    fn standardised(&self, x: &[f64]) -> Vec<f64> {
        let scaled = x.iter().zip(&self.means).zip(&self.scales).map(|((x, mean), scale)| (x - mean) / scale);
        std::iter::once(1.0).chain(scaled).collect()
    }
}

/// Weighted means and standard deviations of the columns.
fn standardisation(rows: &[Row]) -> (Vec<f64>, Vec<f64>) {
    let columns = rows.first().map_or(0, |row| row.x.len());
    let total: f64 = rows.iter().map(|row| row.weight).sum::<f64>().max(f64::MIN_POSITIVE);
    let average = |f: &dyn Fn(&Row) -> f64| rows.iter().map(|row| row.weight * f(row)).sum::<f64>() / total;
    let means: Vec<f64> = (0..columns).map(|c| average(&|row| row.x[c])).collect();
    let variances = (0..columns).map(|c| average(&|row| (row.x[c] - means[c]).powi(2)));
    let scales = variances.map(|v| if v > 1e-12 { v.sqrt() } else { 1.0 }).collect();
    (means, scales)
}

/// A little of the penalty on the bias keeps sets with one label finite.
fn penalty(column: usize, l2: f64) -> f64 {
    if column == 0 { l2 * 1e-6 + 1e-9 } else { l2 }
}

fn penalised_loss(rows: &[Row], design: &[Vec<f64>], beta: &[f64], l2: f64) -> f64 {
    let fit: f64 = rows
        .iter()
        .zip(design)
        .map(|(row, x)| {
            let z = dot(beta, x);
            // -ln sigmoid(±z), without overflow.
            let z = if row.y { -z } else { z };
            row.weight * (z.max(0.0) + (-z.abs()).exp().ln_1p())
        })
        .sum();
    fit + beta.iter().enumerate().map(|(c, b)| penalty(c, l2) * b * b / 2.0).sum::<f64>()
}

/// Solves Hessian · step = -gradient.
fn newton_step(rows: &[Row], design: &[Vec<f64>], beta: &[f64], l2: f64) -> Option<Vec<f64>> {
    let n = beta.len();
    let mut hessian = vec![vec![0.0; n]; n];
    let mut downhill: Vec<f64> = beta.iter().enumerate().map(|(c, b)| -penalty(c, l2) * b).collect();
    for (row, x) in rows.iter().zip(design) {
        let p = sigmoid(dot(beta, x));
        let residual = row.weight * (if row.y { 1.0 } else { 0.0 } - p);
        let curvature = row.weight * p * (1.0 - p);
        for i in 0..n {
            downhill[i] += residual * x[i];
            for j in 0..=i {
                hessian[i][j] += curvature * x[i] * x[j];
            }
        }
    }
    for (c, line) in hessian.iter_mut().enumerate() {
        line[c] += penalty(c, l2);
    }
    solve(hessian, downhill)
}

/// Cholesky decomposition of the lower triangle and two substitutions; none when not positive definite.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let sum = a[i][j] - (0..j).map(|k| a[i][k] * a[j][k]).sum::<f64>();
            if i == j && sum <= 0.0 {
                return None;
            }
            a[i][j] = if i == j { sum.sqrt() } else { sum / a[j][j] };
        }
    }
    for i in 0..n {
        b[i] = (b[i] - (0..i).map(|k| a[i][k] * b[k]).sum::<f64>()) / a[i][i];
    }
    for i in (0..n).rev() {
        b[i] = (b[i] - (i + 1..n).map(|k| a[k][i] * b[k]).sum::<f64>()) / a[i][i];
    }
    Some(b)
}

/// The step, halved until the loss falls; none when it no longer does.
fn halved(
    rows: &[Row],
    design: &[Vec<f64>],
    beta: &[f64],
    step: &[f64],
    l2: f64,
    loss: f64,
) -> Option<(Vec<f64>, f64)> {
    (0..20).find_map(|halvings| {
        let factor = 0.5_f64.powi(halvings);
        let next: Vec<f64> = beta.iter().zip(step).map(|(b, s)| b + factor * s).collect();
        let next_loss = penalised_loss(rows, design, &next, l2);
        (next_loss < loss).then_some((next, next_loss))
    })
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(x: &[f64], y: bool, weight: f64) -> Row {
        Row { x: x.to_vec(), y, weight }
    }

    #[test]
    fn without_a_penalty_two_groups_get_their_own_shares() {
        // Of x = 0 one in four is positive, of x = 1 three in four: log-odds are -ln 3 and ln 3.
        let group = |x: f64, positives: usize| (0..4).map(move |i| row(&[x], i < positives, 1.0));
        let rows: Vec<Row> = group(0.0, 1).chain(group(1.0, 3)).collect();
        let model = Model::fit(&rows, 0.0);
        assert!((model.probability(&[0.0]) - 0.25).abs() < 1e-6);
        assert!((model.probability(&[1.0]) - 0.75).abs() < 1e-6);
        // Standardised, one scale is half: log-odds 3 per half unit.
        assert!((model.weights[0] - 3.0_f64.ln()).abs() < 1e-6, "{model:?}");
        assert!(model.bias.abs() < 1e-6);
    }

    #[test]
    fn a_weight_counts_as_repeated_rows() {
        let repeated =
            [row(&[0.0], false, 1.0), row(&[0.0], true, 1.0), row(&[0.0], true, 1.0), row(&[1.0], true, 1.0)];
        let weighted = [row(&[0.0], false, 1.0), row(&[0.0], true, 2.0), row(&[1.0], true, 1.0)];
        let (a, b) = (Model::fit(&repeated, 1.0), Model::fit(&weighted, 1.0));
        assert!((a.probability(&[0.0]) - b.probability(&[0.0])).abs() < 1e-9);
    }

    #[test]
    fn separable_rows_and_a_constant_feature_stay_finite() {
        let rows: Vec<Row> = (0..10).map(|i| row(&[f64::from(i), 7.0], i >= 5, 1.0)).collect();
        let model = Model::fit(&rows, 0.5);
        assert!(model.weights.iter().all(|w| w.is_finite()) && model.weights[1] == 0.0, "{model:?}");
        assert!(model.probability(&[9.0, 7.0]) > 0.9 && model.probability(&[0.0, 7.0]) < 0.1);
        assert!(Model::fit(&[row(&[1.0], true, 1.0)], 1.0).bias.is_finite());
    }
}
