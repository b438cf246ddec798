"""Records what PyTorch computes for one PPO minibatch and one step of Adam, for src/learn/ppo/torch.rs.

    python -m venv venv && venv/bin/pip install torch
    venv/bin/python tests/torch/ppo_gradient.py > tests/golden/torch-ppo.json
"""

import json

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
OBS, HIDDEN, ACTIONS, ROWS, PLACES = 5, 9, 7, 12, 3
CLIP, ENT, VF, MAX_NORM, RATE = 0.2, 0.01, 0.5, 0.5, 3e-4


def net(outputs):
    return torch.nn.Sequential(
        torch.nn.Linear(OBS, HIDDEN), torch.nn.Tanh(),
        torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.Tanh(),
        torch.nn.Linear(HIDDEN, outputs),
    )


actor, critic = net(ACTIONS), net(1)
obs = torch.randn(ROWS, OBS)
slates = torch.stack([torch.randperm(ACTIONS)[:PLACES] for _ in range(ROWS)])
old_log_probs = torch.randn(ROWS) * 0.3 - 5.0
advantages, returns, old_values = torch.randn(ROWS), torch.randn(ROWS), torch.randn(ROWS) * 0.3


def judge(scores, slate):
    """Log-probability of a slate drawn without replacement, and the entropies of its conditionals."""
    mask, log_prob, entropy = torch.zeros(ACTIONS), 0.0, 0.0
    for chosen in slate:
        dist = torch.distributions.Categorical(logits=scores + mask)
        log_prob = log_prob + dist.log_prob(chosen)
        left = torch.isfinite(mask)
        entropy = entropy - (dist.probs[left] * dist.logits[left]).sum()
        mask = mask.clone()
        mask[chosen] = float("-inf")
    return log_prob, entropy


judged = [judge(s, slate) for s, slate in zip(actor(obs), slates)]
log_probs, entropies = torch.stack([j[0] for j in judged]), torch.stack([j[1] for j in judged])
ratio = (log_probs - old_log_probs).exp()
adv = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
policy_loss = torch.max(-adv * ratio, -adv * ratio.clamp(1 - CLIP, 1 + CLIP)).mean()
values = critic(obs).squeeze(1)
clipped = old_values + (values - old_values).clamp(-CLIP, CLIP)
value_loss = 0.5 * torch.max((values - returns) ** 2, (clipped - returns) ** 2).mean()
loss = policy_loss - ENT * entropies.mean() + VF * value_loss
parameters = [*actor.parameters(), *critic.parameters()]
before = [p.detach().clone() for p in parameters]
optimiser = torch.optim.Adam(parameters, lr=RATE, eps=1e-5)
loss.backward()
gradients = [p.grad.clone() for p in parameters]
norm = torch.nn.utils.clip_grad_norm_(parameters, MAX_NORM)
optimiser.step()


def flat(tensors):
    return [[round(x, 9) for x in t.flatten().tolist()] for t in tensors]


half = len(list(actor.parameters()))
print(json.dumps({
    "torch": torch.__version__, "observations": flat(obs), "slates": slates.tolist(),
    "old_log_probs": flat([old_log_probs])[0], "advantages": flat([advantages])[0],
    "returns": flat([returns])[0], "old_values": flat([old_values])[0],
    "actor": flat(before[:half]), "critic": flat(before[half:]),
    "actor_gradient": flat(gradients[:half]), "critic_gradient": flat(gradients[half:]),
    "actor_after": flat([p.detach() for p in parameters[:half]]),
    "critic_after": flat([p.detach() for p in parameters[half:]]),
    "log_probs": flat([log_probs])[0], "entropies": flat([entropies])[0],
    "norm": norm.item(), "policy_loss": policy_loss.item(), "value_loss": value_loss.item(),
}))
