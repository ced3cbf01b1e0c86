# Farrington flexible of R's package surveillance over a matrix of weekly counts, for comparison; no dependency.
# usage: Rscript farrington.R COUNTS.csv POPULATION.csv|- FIRST ALPHA OUT.csv
# Columns are series, rows are weeks; FIRST: the first week to judge, from 1. OUT: week and series (from 0) of each alarm.
suppressMessages(suppressWarnings(library(surveillance)))
args <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(args[1], header = FALSE))
population <- if (args[2] == "-") NULL else as.matrix(read.csv(args[2], header = FALSE))
first <- as.integer(args[3]); alpha <- as.numeric(args[4])
weeks <- nrow(counts)
found <- list()
for (series in seq_len(ncol(counts))) {
  y <- counts[, series]
  n <- if (is.null(population)) rep(1, weeks) else population[, series]
  seen <- sts(observed = matrix(y), population = matrix(n), frequency = 52, start = c(2010, 1))
  for (week in first:weeks) {
    years <- min(5, floor((week - 4) / 52))
    if (years < 1) next
    how <- list(range = week, b = years, w = 3, reweight = TRUE, weightsThreshold = 2.58, trend = TRUE,
                pThresholdTrend = 1, noPeriods = if (years > 1) 10 else 1, pastWeeksNotIncluded = 26,
                thresholdMethod = "nbPlugin", alpha = alpha, limit54 = c(0, 4), glmWarnings = FALSE,
                populationOffset = !is.null(population))
    alarm <- tryCatch(suppressWarnings(alarms(farringtonFlexible(seen, control = how))[1, 1]), error = function(e) NA)
    if (isTRUE(alarm) && y[week] > 0) found[[length(found) + 1]] <- c(week - 1, series - 1)
  }
}
rows <- if (length(found)) do.call(rbind, found) else matrix(0, 0, 2)
write.table(rows, args[5], sep = ",", row.names = FALSE, col.names = FALSE)
