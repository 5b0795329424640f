"""The API's part of jobs: jobs, series, portal links, workers with their positions, and a worker's own jobs."""
