// For tests only: lets a CPU-only build of torch believe in one CUDA device, so that fake tensors (shapes, types and
// devices without numbers) can go through backward passes and optimiser steps "on" it. Nothing is ever computed there.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

namespace {

constexpr auto kType = c10::DeviceType::CUDA;

c10::Device only_device() { return c10::Device(kType, 0); }

c10::Stream only_stream() { return c10::Stream(c10::Stream::DEFAULT, only_device()); }

// Autograd asks the guard which device and stream it is on before each backward operation.
struct PretendGuard final : c10::impl::NoOpDeviceGuardImpl<kType> {
  c10::Device getDevice() const override { return only_device(); }
  c10::Device exchangeDevice(c10::Device) const override { return only_device(); }
  c10::Stream getStream(c10::Device) const noexcept override { return only_stream(); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return only_stream(); }
};

// A generator that says it is on the device; its numbers are never used.
struct PretendGenerator final : at::CPUGeneratorImpl {
  PretendGenerator() { device_ = only_device(); }
};

struct PretendHooks final : at::CUDAHooksInterface {
  explicit PretendHooks(at::CUDAHooksArgs) {}
  void init() const override {}
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasCUDA() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  int getNumGPUs() const override { return 1; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex current_device() const override { return 0; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  at::Generator getNewGenerator(c10::DeviceIndex) const override { return at::make_generator<PretendGenerator>(); }
  const at::Generator& getDefaultGenerator(c10::DeviceIndex) const override {
    static at::Generator generator = at::make_generator<PretendGenerator>();
    return generator;
  }
};

}  // namespace

namespace c10::impl {
C10_REGISTER_GUARD_IMPL(CUDA, ::PretendGuard)
}
namespace at {
C10_REGISTER_CLASS(CUDAHooksRegistry, CUDAHooks, ::PretendHooks)
}
