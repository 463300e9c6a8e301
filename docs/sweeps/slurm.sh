#!/bin/sh
# A sweep as a Slurm array of five tasks: sbatch docs/sweeps/slurm.sh
# Each task trains a part; any of them may run again on its own. Then:
#   mnist-webgpu sweep --merge sweep/part-* --out sweep/all
#SBATCH --job-name=mnist-sweep
#SBATCH --array=1-5
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=02:00:00
#SBATCH --output=sweep-%a.log
set -eu

part=sweep/part-$SLURM_ARRAY_TASK_ID
if [ -e "$part/sweep.json" ]; then
  # An earlier task was stopped: go on from where it was.
  exec mnist-webgpu sweep --resume "$part"
fi
exec mnist-webgpu sweep --learning-rate 0.03,0.1,0.3 --hidden 10,32,64 --seeds 3 --epochs 5 \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --out "$part"
